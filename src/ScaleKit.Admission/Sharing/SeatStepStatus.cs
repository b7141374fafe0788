namespace ScaleKit.Admission;

/// <summary>How a <see cref="SeatStep"/> was taken.</summary>
public enum SeatStepStatus
{
    /// <summary>It was carried out.</summary>
    Done = 1,

    /// <summary>The lease of the node ran out and its seats were given to others: they are lost. The node may join again under another name.</summary>
    Over = 2,

    /// <summary>The store does not know the epoch or has lost steps of it: the node must join and say what it holds.</summary>
    Unknown = 3,
}
