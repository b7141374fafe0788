namespace ScaleKit.Analysis.Chaos;

/// <summary>One thing that is done.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">To which node, or by which: 0 to 2.</param>
/// <param name="Length">How long a stopped process stands still.</param>
/// <param name="Calm">How long nothing is done after all is well again.</param>
public sealed record Fault(FaultKind Kind, int Node, TimeSpan Length, TimeSpan Calm);
