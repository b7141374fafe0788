namespace ScaleKit.TestKit;

/// <summary>What became of the inputs.</summary>
/// <param name="Read">Those that the parser took: a spoilt input may still be a whole one.</param>
/// <param name="Refused">Those that it refused in the way that it documents.</param>
public sealed record FuzzCounts(int Read, int Refused);
