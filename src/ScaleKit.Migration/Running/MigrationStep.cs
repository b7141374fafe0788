namespace ScaleKit.Migration;

/// <summary>What a migration is busy with.</summary>
public enum MigrationStep
{
    /// <summary>Moving to another phase: waiting for operations and outbox.</summary>
    Moving = 0,

    /// <summary>Copying rows to the mirror.</summary>
    Backfilling = 1,

    /// <summary>Paying the debts of the outbox.</summary>
    Draining = 2,

    /// <summary>Comparing both stores.</summary>
    Verifying = 3,

    /// <summary>Done.</summary>
    Done = 4,
}
