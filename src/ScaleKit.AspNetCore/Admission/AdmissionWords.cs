using ScaleKit.Admission;

namespace ScaleKit.AspNetCore;

/// <summary>Refusals in the words of the wire, the same as those of the metrics, and of a person.</summary>
internal static class AdmissionWords
{
    public static string Of(AdmissionCap cap) => cap switch
    {
        AdmissionCap.Room => "room",
        AdmissionCap.ActiveRooms => "active_rooms",
        AdmissionCap.Total => "total",
        _ => "none",
    };

    public static string Of(AdmissionRefusal refusal) => refusal switch
    {
        AdmissionRefusal.NoSeat => "no_seat",
        AdmissionRefusal.QueueFull => "queue_full",
        AdmissionRefusal.RoomQueueFull => "room_queue_full",
        AdmissionRefusal.DeadlineExceeded => "deadline_exceeded",
        AdmissionRefusal.Draining => "draining",
        AdmissionRefusal.DeadlineHopeless => "deadline_hopeless",
        AdmissionRefusal.Cancelled => "cancelled",
        AdmissionRefusal.Overloaded => "overloaded",
        AdmissionRefusal.AlreadyPresent => "already_present",
        AdmissionRefusal.Replaced => "replaced",
        AdmissionRefusal.Undecided => "undecided",
        _ => "none",
    };

    public static string Explain(in AdmissionResult result) => result switch
    {
        { Refusal: AdmissionRefusal.Draining } => "This server takes nobody in any more.",
        { Refusal: AdmissionRefusal.AlreadyPresent } => "This visitor is in the room already.",
        { Refusal: AdmissionRefusal.Replaced } => "The same visitor has come again.",
        { BindingCap: AdmissionCap.Room } => "The room is full.",
        { BindingCap: AdmissionCap.ActiveRooms } => "As many rooms as allowed are in use.",
        _ => "All seats are taken.",
    };
}
