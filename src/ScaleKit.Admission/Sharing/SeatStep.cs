namespace ScaleKit.Admission;

/// <summary>What a node asks of an <see cref="ISeatStore"/>. Immutable.</summary>
public sealed class SeatStep
{
    /// <summary>What kind of step it is.</summary>
    public required SeatStepKind Kind { get; init; }

    /// <summary>The node: 16 characters of its own, the same from its first step to its last.</summary>
    public required string Node { get; init; }

    /// <summary>The epoch under which the node holds its seats, 0 for none yet. When joining: the one that it had.</summary>
    public long Epoch { get; init; }

    /// <summary>The number of the step within its epoch, from 1; a repeated step keeps it.</summary>
    public long Sequence { get; init; }

    /// <summary>How long the node keeps its seats when it does not call.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>The caps that hold for all nodes from now on; <see langword="null"/> leaves them as they are.</summary>
    public SeatCaps? Caps { get; init; }

    /// <summary>What is asked for, in order. When joining: all seats that the node holds.</summary>
    public IReadOnlyList<SeatAction> Actions { get; init; } = [];
}
