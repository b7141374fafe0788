namespace ScaleKit.Migration;

/// <summary>
/// Rows that differed at the first look. They are looked at again after a pause, several times: a row whose mirror has meanwhile reached the version first seen was merely on its way, however often
/// it is written. What does not catch up is a difference.
/// </summary>
internal sealed class Suspects<TKey, TValue>(
    IVersionedStore<TKey, TValue> sequencer, IVersionedStore<TKey, TValue> mirror, RowComparison<TValue> comparison, MigrationLadder ladder)
    where TKey : notnull
{
    private readonly Dictionary<TKey, RowVersion> _seen = [];

    public int Count => _seen.Count;

    public void Add(TKey key, RowVersion seen) => _seen.TryAdd(key, seen);

    /// <summary>Empties the list. Returns what still differs, with the last look at both sides.</summary>
    public async ValueTask<List<(TKey Key, DifferenceKind Kind, VersionedValue<TValue> Sequencer, VersionedValue<TValue> Mirror)>> ConfirmAsync(
        CancellationToken cancellationToken)
    {
        var confirmed = new List<(TKey, DifferenceKind, VersionedValue<TValue>, VersionedValue<TValue>)>();
        for (var look = 0; look < ladder.Options.VerificationRechecks && _seen.Count > 0; look++)
        {
            ladder.Nudge();
            await Task.Delay(ladder.Options.VerificationRecheckDelay, ladder.Time, cancellationToken).ConfigureAwait(false);
            confirmed.Clear();
            foreach (var keys in _seen.Keys.Chunk(ladder.Options.VerificationBatchSize))
            {
                // The mirror first: what it has then, the sequencer has too, so a row ahead of the sequencer is a difference and not a race.
                var mirrored = await mirror.ReadManyAsync(keys, cancellationToken).ConfigureAwait(false);
                var sequenced = await sequencer.ReadManyAsync(keys, cancellationToken).ConfigureAwait(false);
                for (var i = 0; i < keys.Length; i++)
                {
                    var kind = comparison.Compare(sequenced[i].Row, mirrored[i].Row);
                    var seen = _seen[keys[i]];
                    var caughtUp = !seen.IsNone && mirrored[i].Version >= seen && mirrored[i].Version < sequenced[i].Version;
                    if (kind is null || caughtUp)
                    {
                        _seen.Remove(keys[i]);
                    }
                    else
                    {
                        // The walk saw live rows only: a tombstone in the sequencer is first seen here.
                        _seen[keys[i]] = seen.IsNone ? sequenced[i].Version : seen;
                        confirmed.Add((keys[i], kind.Value, sequenced[i].Row, mirrored[i].Row));
                    }
                }
            }
        }

        _seen.Clear();
        return confirmed;
    }
}
