namespace ScaleKit.Analysis.Chaos;

/// <summary>A line of the timeline.</summary>
/// <param name="At">How long after the start it was done.</param>
/// <param name="What">What was done, and to whom.</param>
/// <param name="Took">From then until all was well again, two seconds of looking included.</param>
internal sealed record TimelineEntry(TimeSpan At, string What, TimeSpan Took);
