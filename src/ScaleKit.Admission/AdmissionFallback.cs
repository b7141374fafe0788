namespace ScaleKit.Admission;

/// <summary>What a queue that shares its seats with other processes does while their store does not answer. Who has a seat keeps it in any case.</summary>
public enum AdmissionFallback
{
    /// <summary>
    /// Admission goes on within the node's last known share: the seats and rooms that it holds and its part of those that were free. A node that has never
    /// reached the store has none.
    /// </summary>
    Local = 0,

    /// <summary>Everybody is admitted.</summary>
    Open = 1,

    /// <summary>Nobody is admitted.</summary>
    Closed = 2,
}
