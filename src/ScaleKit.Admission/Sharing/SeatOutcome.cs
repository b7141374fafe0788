namespace ScaleKit.Admission;

/// <summary>What has become of one visitor.</summary>
public enum SeatOutcome
{
    /// <summary>It has a seat.</summary>
    Granted = 1,

    /// <summary>It stands in the line.</summary>
    Waiting = 2,

    /// <summary>It got no seat and does not wait.</summary>
    Refused = 3,
}
