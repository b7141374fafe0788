namespace ScaleKit.Migration;

/// <summary>The outcome of a phase move. Immutable.</summary>
/// <param name="Moved">Whether the migration stands on the asked rung now.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Missing">What kept it from moving; empty when it moved.</param>
/// <param name="Settled">
/// Whether every operation that began in the phase before has ended, in every instance that holds a lease. Otherwise the next move waits for them first, and so does the backfill.
/// </param>
public sealed record MigrationMove(bool Moved, MigrationState State, IReadOnlyList<UnmetCondition> Missing, bool Settled)
{
    /// <summary>Where it stands and what is missing, on one line.</summary>
    public override string ToString() =>
        $"{(Moved ? "moved to" : "stays in")} {State.Phase}, epoch {State.Epoch}{(Settled ? "" : ", not settled")}{ConditionText.After(": ", Missing)}";
}
