namespace ScaleKit.Caching;

/// <summary>An envelope that was read and is whole.</summary>
/// <param name="Header">What the writer said of it.</param>
/// <param name="Tags">Its tags.</param>
/// <param name="PayloadAt">Where the value's bytes begin.</param>
/// <param name="Version">Its sequence; 0 where that is another log's.</param>
/// <param name="IsForeign">Whether it was written in another epoch of the log than the reader's.</param>
internal readonly record struct OpenedEnvelope(EnvelopeHeader Header, string[] Tags, int PayloadAt, long Version, bool IsForeign);
