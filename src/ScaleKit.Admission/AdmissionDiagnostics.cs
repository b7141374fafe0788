namespace ScaleKit.Admission;

/// <summary>The names of what this package measures. Listen with <c>AddMeter(AdmissionDiagnostics.MeterName)</c> or <c>AddMeter("ScaleKit.*")</c>.</summary>
public static class AdmissionDiagnostics
{
    /// <summary>The meter.</summary>
    public const string MeterName = "ScaleKit.Admission";

    /// <summary>The activity source. Listen with <c>AddSource("ScaleKit.*")</c>.</summary>
    public const string ActivitySourceName = "ScaleKit.Admission";

    /// <summary>
    /// Activity: the wait in the line, of those who waited; tags <see cref="CapTag"/> (what made them wait) and, without a seat, <see cref="RefusalTag"/>. An error where
    /// the visitor got none and did not leave by itself.
    /// </summary>
    public const string WaitActivity = "scalekit.admission.wait";

    /// <summary>Gauge, {seat}: seats taken.</summary>
    public const string Seats = "scalekit.admission.seats";

    /// <summary>Gauge, {room}: rooms in use.</summary>
    public const string Rooms = "scalekit.admission.rooms";

    /// <summary>Gauge, {waiter}: visitors in the line.</summary>
    public const string Waiting = "scalekit.admission.waiting";

    /// <summary>Counter, {visitor}: visitors who got a seat, by the cap that made them wait (<see cref="CapTag"/>, <c>none</c> without a wait).</summary>
    public const string Admitted = "scalekit.admission.admitted";

    /// <summary>Counter, {visitor}: visitors who got none, by <see cref="CapTag"/> and <see cref="RefusalTag"/>.</summary>
    public const string Refused = "scalekit.admission.refused";

    /// <summary>Histogram, s: time in the line of those who waited and got a seat, by <see cref="CapTag"/>.</summary>
    public const string WaitDuration = "scalekit.admission.wait.duration";

    /// <summary>Histogram, s: time from the first visitor of a room to its last.</summary>
    public const string RoomDuration = "scalekit.admission.room.duration";

    /// <summary>Counter, {lease}: leases whose seat was taken away, by <see cref="LossTag"/>.</summary>
    public const string Lost = "scalekit.admission.lost";

    /// <summary>Gauge, s: how long the one that has waited longest has waited; 0 when nobody waits.</summary>
    public const string OldestWait = "scalekit.admission.waiting.oldest";

    /// <summary>Gauge, {cap}: caps that are saturated (raised at 80 %, cleared at 70 %), by <see cref="CapTag"/>; for <c>room</c> the number of such rooms.</summary>
    public const string Saturated = "scalekit.admission.saturated";

    /// <summary>Tag: <c>none</c>, <c>room</c>, <c>active_rooms</c> or <c>total</c>.</summary>
    public const string CapTag = "scalekit.admission.cap";

    /// <summary>Tag: <c>no_seat</c>, <c>queue_full</c>, <c>room_queue_full</c>, <c>deadline_exceeded</c>, <c>cancelled</c>, <c>draining</c>, <c>deadline_hopeless</c>, <c>overloaded</c>, <c>already_present</c> or <c>replaced</c>.</summary>
    public const string RefusalTag = "scalekit.admission.refusal";

    /// <summary>Tag: <see cref="LeakedLoss"/>, <see cref="MaximumHoldLoss"/>, <see cref="IdleLoss"/>, <see cref="ReplacedLoss"/> or <see cref="LeaseOverLoss"/>.</summary>
    public const string LossTag = "scalekit.admission.loss";

    /// <summary>A lease was not disposed and nobody held it any more.</summary>
    public const string LeakedLoss = "leaked";

    /// <summary>A seat was held longer than <see cref="AdmissionOptions.MaximumHold"/>.</summary>
    public const string MaximumHoldLoss = "maximum_hold";

    /// <summary>The node did not reach the store for its lease, and its seats were given to others.</summary>
    public const string LeaseOverLoss = "lease_over";

    /// <summary>The holder gave no sign of life for <see cref="AdmissionOptions.IdleTimeout"/>.</summary>
    public const string IdleLoss = "idle";

    /// <summary>The same client came again (<see cref="AdmissionSameClient.Replace"/>).</summary>
    public const string ReplacedLoss = "replaced";
}
