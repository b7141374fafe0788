using ScaleKit.Admission;

namespace ChatRooms;

/// <summary>Which caps are near their end: raised by the queue at 80 %, cleared at 70 %.</summary>
internal sealed class SaturationBoard
{
    private volatile bool _rooms;
    private volatile bool _seats;

    public SaturationBoard(AdmissionQueue queue) => queue.Saturation += (_, change) =>
    {
        if (change.Cap == AdmissionCap.ActiveRooms)
            _rooms = change.IsSaturated;
        else if (change.Cap == AdmissionCap.Total)
            _seats = change.IsSaturated;
    };

    public IReadOnlyList<WarningView> Read(AdmissionSnapshot now)
    {
        var warnings = new List<WarningView>();
        if (_seats)
            warnings.Add(new WarningView("Seats", 100 * now.Seats / now.TotalCapacity));
        if (_rooms)
            warnings.Add(new WarningView("Active rooms", 100 * now.ActiveRooms / now.ActiveRoomCapacity));
        return warnings;
    }
}
