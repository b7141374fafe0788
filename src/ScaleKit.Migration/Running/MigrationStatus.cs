namespace ScaleKit.Migration;

/// <summary>Where a migration stands, for an operator. Immutable.</summary>
/// <param name="State">The phase and what is known of its mirror, as the journal has it.</param>
/// <param name="IsEnabled">The kill switch of the asked process.</param>
/// <param name="IsPaused">Whether the asked runner is paused.</param>
/// <param name="Debt">Outbox entries that the mirror has not got yet; 0 in the phases without a mirror.</param>
/// <param name="BackfilledRows">How many rows the backfill of this dual-write period has looked at so far.</param>
public sealed record MigrationStatus(MigrationState State, bool IsEnabled, bool IsPaused, long Debt, long BackfilledRows)
{
    /// <summary>The phase.</summary>
    public MigrationPhase Phase => State.Phase;

    /// <summary>Everything in one line.</summary>
    public override string ToString() =>
        $"{Phase.Title()}, epoch {State.Epoch}, backfilled {BackfilledRows} rows{(State.MirrorComplete ? " (complete)" : "")}, "
        + $"{(State.MirrorVerified ? "verified" : "not verified")}, debt {Debt}{(IsPaused ? ", paused" : "")}{(IsEnabled ? "" : ", switched off")}";
}
