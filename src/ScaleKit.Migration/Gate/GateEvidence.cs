namespace ScaleKit.Migration;

/// <summary>What was measured when a move was asked for. Immutable. Shadow reads, debt and lag are those that this instance has seen in this dual-write period.</summary>
public sealed record GateEvidence
{
    /// <summary>Whether the mirror holds every row.</summary>
    public bool BackfillComplete { get; init; }

    /// <summary>Rows that the last verification compared.</summary>
    public long VerifiedRows { get; init; }

    /// <summary>Differences that it confirmed.</summary>
    public long VerifiedDifferences { get; init; }

    /// <summary>Shadow reads that were compared.</summary>
    public long ShadowReads { get; init; }

    /// <summary>How many of them differed.</summary>
    public long ShadowMismatches { get; init; }

    /// <summary>The highest share of mismatches that these reads do not rule out, at the confidence asked for; 1 without reads.</summary>
    public double ShadowMismatchBound { get; init; } = 1;

    /// <summary>How long the repair has had nothing left to pay.</summary>
    public TimeSpan DebtFreeFor { get; init; }

    /// <summary>The age of the oldest debt.</summary>
    public TimeSpan Lag { get; init; }

    /// <summary>The highest rung from which the way back was walked in this period; null if none was.</summary>
    public MigrationPhase? ReversedFrom { get; init; }
}
