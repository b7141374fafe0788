namespace ScaleKit.Migration;

/// <summary>
/// The journal's state of the migration, held against its witnesses: what this instance has seen of it, and the fences in the stores. A journal forgets where a replica is promoted that lacks its last writes; what this
/// instance has seen is then written anew. Its callers hold the ladder's turn.
/// </summary>
/// <remarks>
/// Invariant: in a journal that loses nothing the epoch reached never falls and the revision always rises, so a document behind the one seen here proves a loss, and nothing else does. Whoever writes it anew ends at the
/// revision that it has seen. So of two that have seen different ends of the history the one that has seen more writes last, and a revision that was acknowledged means the same document before and after.
/// </remarks>
internal sealed class WitnessedState(MigrationLadder ladder, StateDocument document, AuditLog audit, PhaseGate gate)
{
    /// <summary>The state; null where no migration has begun.</summary>
    public async ValueTask<MigrationState?> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await document.ReadAsync(cancellationToken).ConfigureAwait(false);
        return IsBehind(found) ? await RestoreAsync(found, cancellationToken).ConfigureAwait(false) : found;
    }

    /// <summary>
    /// Whether no fence above the state's epoch stands where it issues versions. Ask before a move: a fence of a move that the journal has lost, and this instance has not seen, must not be taken for its own. The move is
    /// refused then, until an instance that has seen it has come.
    /// </summary>
    public async ValueTask<bool> IsFreeAsync(MigrationState state, CancellationToken cancellationToken) =>
        await gate.SequencerOf(state.Phase).FenceAsync(0, cancellationToken).ConfigureAwait(false) <= state.Epoch;

    /// <summary>Whether writes of the state's phase pass the fence. False when another instance has moved between both reads: look again.</summary>
    /// <exception cref="StoreFencedException">They do not, and the journal knows of no later state.</exception>
    public async ValueTask<bool> AgreesAsync(MigrationState state, CancellationToken cancellationToken)
    {
        var sequencer = gate.SequencerOf(state.Phase);
        var inForce = await sequencer.FenceAsync(0, cancellationToken).ConfigureAwait(false);
        if (inForce <= state.EpochReached)
        {
            return true;
        }

        if (await document.ReadAsync(cancellationToken).ConfigureAwait(false) is { } now && now.Revision != state.Revision)
        {
            return false;
        }

        throw new StoreFencedException(
            $"The store '{sequencer.Name}' is fenced at epoch {inForce}, but the journal says {state.Phase.Title()} in epoch {state.Epoch}: a later migration has begun on the store, "
            + "or the journal is older than it and no instance that has seen more of it has come yet. Use the repository of the later one, or give the ladder the journal that the migration was run with.");
    }

    private async ValueTask<MigrationState?> RestoreAsync(MigrationState? kept, CancellationToken cancellationToken)
    {
        var seen = ladder.State;
        await audit.AppendAsync(kept ?? new MigrationState(), seen, cancellationToken).ConfigureAwait(false);
        var (found, written) = (kept, false);
        while (IsBehind(found))
        {
            // Somebody else may restore it at the same time, or move it on: each write is a compare and set, and what it finds is judged anew.
            var restored = await document.TryWriteAsync(seen, found?.Revision ?? 0, cancellationToken).ConfigureAwait(false);
            written |= restored is not null;
            found = restored ?? await document.ReadAsync(cancellationToken).ConfigureAwait(false);
        }

        if (written)
        {
            ladder.Instruments.JournalRestored.Add(1);
            Log.JournalRestored(ladder.Logger, kept?.Revision ?? 0, seen.Revision, seen.Phase, seen.Epoch);
        }

        return found;
    }

    // By the epoch first: its fence stands in the stores, so a document of an earlier one is never put over it, whatever their revisions are.
    private bool IsBehind(MigrationState? found) => ladder.State is var seen
        && (found is null ? seen.Revision > 0 : seen.EpochReached > found.EpochReached || (seen.EpochReached == found.EpochReached && seen.Revision > found.Revision));
}
