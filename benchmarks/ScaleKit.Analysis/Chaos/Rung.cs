namespace ScaleKit.Analysis.Chaos;

/// <summary>One move of the migration.</summary>
/// <param name="To">The phase to move to: a neighbour of the one before.</param>
/// <param name="Node">Which node is asked first: 0 to 2.</param>
/// <param name="Calm">How long the migration stands on the rung before.</param>
public sealed record Rung(char To, int Node, TimeSpan Calm);
