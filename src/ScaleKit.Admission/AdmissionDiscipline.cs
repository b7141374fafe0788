namespace ScaleKit.Admission;

/// <summary>Who of those who wait for one room, within one class, is served first.</summary>
public enum AdmissionDiscipline
{
    /// <summary>Who has waited longest. For people, who see a position and expect it to hold.</summary>
    Fifo = 0,

    /// <summary>
    /// As <see cref="Fifo"/> until a room has been waited for without a break for <see cref="AdmissionOptions.OverloadInterval"/>; from then on who came last,
    /// and whoever has waited longer than <see cref="AdmissionOptions.OverloadTarget"/> is refused (<see cref="AdmissionRefusal.Overloaded"/>). For requests, whose
    /// caller gives up soon: the fresh ones are answered, where a fair line would serve only stale ones. A position means nothing here. After Maurer, "Fail at
    /// Scale" (ACM Queue 2015), and CoDel (RFC 8289).
    /// </summary>
    AdaptiveLifo = 1,
}
