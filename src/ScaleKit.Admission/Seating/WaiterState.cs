namespace ScaleKit.Admission;

/// <summary>The life of a waiter: from <see cref="Waiting"/> exactly one step to one of the others.</summary>
internal enum WaiterState
{
    Waiting = 0,
    Granted = 1,
    Left = 2,
    Expired = 3,
    Drained = 4,
    Shed = 5,
    Replaced = 6,
    Refused = 7,
}
