namespace ScaleKit.Migration;

/// <summary>
/// The rungs of the ladder, from the old store alone to the new store alone. Only neighbours may follow one another: two instances
/// of an application that stand on neighbouring rungs still agree, two that are further apart lose writes or read stale values.
/// </summary>
public enum MigrationPhase
{
    /// <summary>A: the old store alone. The new store is never touched.</summary>
    OldOnly = 0,

    /// <summary>B: writes go to the old store and are acknowledged there; the outbox brings them to the new store later. Backfill runs here.</summary>
    DualWrite = 1,

    /// <summary>C: a write is acknowledged after both stores have it. Reads still come from the old store. From here on both stores are load-bearing.</summary>
    DualWriteBoth = 2,

    /// <summary>Q: as C, and a reader carries what it read in the old store forward to the new one before it returns.</summary>
    HelpingReads = 3,

    /// <summary>D: reads come from the new store; the old one still issues the versions.</summary>
    ReadNew = 4,

    /// <summary>E: the new store issues the versions, the old one is the mirror that makes the way back possible. The old store is fenced.</summary>
    NewSequencer = 5,

    /// <summary>F: the new store alone. The old store is never touched and goes stale.</summary>
    NewOnly = 6,
}
