namespace ScaleKit.Migration;

/// <summary>What a verification found. Immutable.</summary>
public sealed record VerificationReport
{
    /// <summary>Keys that have a live row in at least one of the stores.</summary>
    public long Compared { get; init; }

    /// <summary>Rows that the mirror does not have.</summary>
    public long Missing { get; init; }

    /// <summary>Rows that only the mirror has.</summary>
    public long Extra { get; init; }

    /// <summary>Rows that the mirror has in an older version.</summary>
    public long Stale { get; init; }

    /// <summary>Rows that differ at the same version, or of which the mirror has a newer one.</summary>
    public long Different { get; init; }

    /// <summary>Rows that differed at the first look and no longer after a moment: writes on their way. No differences.</summary>
    public long InFlight { get; init; }

    /// <summary>Differences that were repaired.</summary>
    public long Repaired { get; init; }

    /// <summary>Live rows that the new store does not have.</summary>
    public long Lost { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>All confirmed differences.</summary>
    public long Differences => Missing + Extra + Stale + Different;

    /// <summary>Whether there is none.</summary>
    public bool IsClean => Differences == 0;
}
