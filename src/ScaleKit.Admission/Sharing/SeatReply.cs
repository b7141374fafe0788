namespace ScaleKit.Admission;

/// <summary>What an <see cref="ISeatStore"/> has decided. Immutable.</summary>
public sealed class SeatReply
{
    /// <summary>How the step was taken.</summary>
    public required SeatStepStatus Status { get; init; }

    /// <summary>The epoch of the node from now on.</summary>
    public long Epoch { get; init; }

    /// <summary>Seats taken over all nodes.</summary>
    public int Seats { get; init; }

    /// <summary>Rooms in use over all nodes.</summary>
    public int ActiveRooms { get; init; }

    /// <summary>Rooms in use on each node, summed: a room in which several nodes have people counts for each of them.</summary>
    public int NodeRooms { get; init; }

    /// <summary>Visitors in the line over all nodes.</summary>
    public int Waiting { get; init; }

    /// <summary>Nodes that hold an epoch.</summary>
    public int Nodes { get; init; }

    /// <summary>An answer to each action that is answered, in order.</summary>
    public IReadOnlyList<SeatAnswer> Answers { get; init; } = [];

    /// <summary>Visitors of this node that have waited and got a seat since the step before, in order.</summary>
    public IReadOnlyList<SeatGrant> Grants { get; init; } = [];
}
