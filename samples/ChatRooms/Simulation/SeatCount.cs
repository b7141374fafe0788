namespace ChatRooms;

/// <summary>The most seats that were taken at once.</summary>
internal sealed record SeatCount(long Admitted, int MaximumInRoom, int MaximumRooms, int MaximumTotal, int Seated)
{
    /// <summary>The most with the doubtful seats, each its own moment: the caps are not held against these.</summary>
    public (int InRoom, int Rooms, int Total) WithDoubtful { get; init; } = (MaximumInRoom, MaximumRooms, MaximumTotal);
}
