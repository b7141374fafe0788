namespace ScaleKit.Admission;

/// <summary>The kinds of <see cref="SeatStep"/>.</summary>
public enum SeatStepKind
{
    /// <summary>Reads the sums and changes nothing.</summary>
    Look = 0,

    /// <summary>Begins an epoch. What the node held before counts no longer; what it says now does.</summary>
    Join = 1,

    /// <summary>Actions within an epoch, and a sign of life.</summary>
    Act = 2,

    /// <summary>Ends the epoch and gives everything back.</summary>
    Leave = 3,
}
