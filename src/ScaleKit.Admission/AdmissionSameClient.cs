namespace ScaleKit.Admission;

/// <summary>What happens when a client that has a seat in a room, or waits for one, asks for that room again. Nameless clients are never the same.</summary>
public enum AdmissionSameClient
{
    /// <summary>It may hold several seats.</summary>
    Allow = 0,

    /// <summary>The new request is refused (<see cref="AdmissionRefusal.AlreadyPresent"/>).</summary>
    Reject = 1,

    /// <summary>
    /// The new request takes the seat, or the place in the line, of the older one, whose <see cref="AdmissionLease.LeaseLost"/> is cancelled or whose answer is
    /// <see cref="AdmissionRefusal.Replaced"/>. For a connection that has come back before the server noticed that the old one is dead.
    /// </summary>
    Replace = 2,
}
