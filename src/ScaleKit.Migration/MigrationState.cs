namespace ScaleKit.Migration;

/// <summary>Where a migration stands, as the journal keeps it. Immutable.</summary>
public sealed record MigrationState
{
    /// <summary>The phase.</summary>
    public MigrationPhase Phase { get; init; }

    /// <summary>The epoch in which versions are issued. A new one begins with each move that must shut out writes of the phase before.</summary>
    /// <value>1.</value>
    public long Epoch { get; init; } = 1;

    /// <summary>Rises with each change of this state; 0 before the first is stored.</summary>
    public long Revision { get; init; }

    /// <summary>
    /// Which dual-write period this is: the epoch in which it began. What an earlier period copied and verified counts for nothing, as writes have passed the mirror by since.
    /// </summary>
    public long Tenure { get; init; }

    /// <summary>Whether the backfill of this period is complete: the mirror holds every row.</summary>
    public bool MirrorComplete { get; init; }

    /// <summary>Whether a verification of this period found no difference.</summary>
    public bool MirrorVerified { get; init; }

    /// <summary>How many rows the last verification of this period compared.</summary>
    public long VerifiedRows { get; init; }

    /// <summary>How many differences it confirmed, repaired ones included.</summary>
    public long VerifiedDifferences { get; init; }

    /// <summary>The highest rung from which the way back was walked in this period; null if none was.</summary>
    public MigrationPhase? ReversedFrom { get; init; }

    /// <summary>In phase Q, the percentage of the keys that are read in the new store already, as in phase D; 0 to 100.</summary>
    public double ReadShare { get; init; }

    /// <summary>The epoch of a move that began to raise a fence and has not ended, else 0. After a crash the migration stays in its phase and goes on in this epoch.</summary>
    public long FencingEpoch { get; init; }

    /// <summary>The lease of the instance that raises the fence, else 0. While it holds, the others wait for that move; when it has ended, they take the move back.</summary>
    public long Mover { get; init; }

    // The highest epoch that a fence may stand at by it.
    internal long EpochReached => Math.Max(Epoch, FencingEpoch);
}
