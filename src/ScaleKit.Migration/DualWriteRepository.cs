namespace ScaleKit.Migration;

/// <summary>
/// Reads and writes the rows of a migration in whatever phase it stands. In phases A and F it adds next to nothing to the one store; in between it keeps both stores in
/// step. Thread-safe. It does not own the stores.
/// </summary>
/// <remarks>
/// A write that ends without an exception is acknowledged: no move, crash or repair loses it. A write that ends with one has an unknown outcome, as with any database. Operations on one key
/// are linearizable, also across phase moves; there are no transactions over several keys.
/// </remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public sealed class DualWriteRepository<TKey, TValue> : IAsyncDisposable
    where TKey : notnull
{
    private readonly IVersionedStore<TKey, TValue> _old;
    private readonly IVersionedStore<TKey, TValue> _new;
    private readonly PhaseSteps<TKey, TValue> _steps;
    private readonly KeyFormat<TKey> _keys;
    private readonly bool _ownsLadder;
    private readonly bool _shadows;
    private readonly IDisposable? _following;

    /// <summary>A repository with a ladder of its own, whose phase lasts as long as the process.</summary>
    /// <exception cref="ArgumentNullException">A store is null.</exception>
    /// <exception cref="ArgumentException">Both stores are the same, or an option is out of range.</exception>
    public DualWriteRepository(IVersionedStore<TKey, TValue> old, IVersionedStore<TKey, TValue> @new, MigrationOptions? options = null)
        : this(old, @new, new MigrationLadder(old, @new, options))
    {
        _ownsLadder = true;
    }

    /// <summary>A repository on a ladder that was made for the same two stores.</summary>
    /// <param name="old">The store that the data is in.</param>
    /// <param name="new">The store that the data goes to.</param>
    /// <param name="ladder">The phase; the caller disposes it after the repository.</param>
    /// <param name="sameValue">
    /// Whether two values are the same for shadow reads, where the stores keep them with different precision; equality unless given, byte by byte for arrays.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The ladder belongs to other stores, or the stores were swapped.</exception>
    public DualWriteRepository(
        IVersionedStore<TKey, TValue> old, IVersionedStore<TKey, TValue> @new, MigrationLadder ladder, Func<TValue, TValue, bool>? sameValue = null)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(@new);
        ArgumentNullException.ThrowIfNull(ladder);
        if (!ReferenceEquals(ladder.Old, old) || !ReferenceEquals(ladder.New, @new))
        {
            throw new ArgumentException($"The ladder moves '{ladder.Old.Name}' to '{ladder.New.Name}', not '{old.Name}' to '{@new.Name}': it must be given the very same instances of the stores.", nameof(ladder));
        }

        _old = old;
        _new = @new;
        Ladder = ladder;
        _keys = old.Keys;
        Repair = new OutboxRepair<TKey, TValue>(old, @new, ladder);
        _steps = new PhaseSteps<TKey, TValue>(old, @new, ladder, Repair);
        ShadowReads = new ShadowReads<TKey, TValue>(old, @new, ladder, sameValue);
        _shadows = ladder.Options.ShadowReadPercent > 0;
        if (ladder.Options.RepairInBackground)
        {
            Repair.Start();
        }
    }

    internal DualWriteRepository(IVersionedStore<TKey, TValue> old, IVersionedStore<TKey, TValue> @new, MigrationLadder ladder, IDisposable? following)
        : this(old, @new, ladder)
    {
        _ownsLadder = true;
        _following = following;
    }

    /// <summary>The phase, and the moves between phases.</summary>
    public MigrationLadder Ladder { get; }

    /// <summary>What pays the debts of the outbox.</summary>
    public OutboxRepair<TKey, TValue> Repair { get; }

    /// <summary>What compares a share of the reads with the other store; see <see cref="MigrationOptions.ShadowReadPercent"/>.</summary>
    public ShadowReads<TKey, TValue> ShadowReads { get; }

    /// <inheritdoc cref="MigrationLadder.IsEnabled"/>
    public bool IsEnabled
    {
        get => Ladder.IsEnabled;
        set => Ladder.IsEnabled = value;
    }

    internal IVersionedStore<TKey, TValue> Old => _old;

    internal IVersionedStore<TKey, TValue> New => _new;

    internal PhaseSteps<TKey, TValue> Steps => _steps;

    /// <summary>Reads the row of a key: a live value, a tombstone, or nothing.</summary>
    /// <exception cref="ArgumentException">The key cannot be stored unchanged; see <see cref="KeyFormat{TKey}.Check"/>.</exception>
    /// <exception cref="MirrorUnavailableException">Phase Q, and the new store does not take what the old one holds.</exception>
    public ValueTask<VersionedValue<TValue>> GetAsync(TKey key, CancellationToken cancellationToken = default)
    {
        _keys.Check(key);
        Ladder.Instruments.CountRead();
        var pin = Ladder.Pin();
        if (_shadows && pin.Stage.Phase.HasMirror())
        {
            ShadowReads.Offer(key);
        }

        if (!pin.Stage.ReadsOneStore)
        {
            pin.Release();
            return _steps.ReadAsync(key, cancellationToken);
        }

        ValueTask<VersionedValue<TValue>> read;
        try
        {
            read = _steps.ReadStore(pin.Stage).ReadAsync(key, cancellationToken);
        }
        catch
        {
            pin.Release();
            throw;
        }

        if (!read.IsCompletedSuccessfully)
        {
            return FinishReadAsync(read, pin, key, cancellationToken);
        }

        // Ordering: the store has answered, then the lease is looked at.
        var row = read.Result;
        var mayAnswer = pin.Stage.MayAnswer;
        pin.Release();
        return mayAnswer ? new(row) : _steps.ReadAsync(key, cancellationToken);
    }

    /// <summary>Reads the rows of several keys, in their order. Not one snapshot.</summary>
    /// <exception cref="ArgumentException">A key cannot be stored unchanged.</exception>
    /// <exception cref="MirrorUnavailableException">Phase Q, and the new store does not take what the old one holds.</exception>
    public ValueTask<IReadOnlyList<VersionedEntry<TKey, TValue>>> GetManyAsync(IReadOnlyList<TKey> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        foreach (var key in keys)
        {
            _keys.Check(key);
        }

        Ladder.Instruments.CountRead();
        return _steps.ReadManyAsync(keys, cancellationToken);
    }

    /// <summary>Reads a page of live rows in key order; see <see cref="ScanRequest{TKey}"/>.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="MirrorUnavailableException">Phase Q, and the new store does not take what the old one holds.</exception>
    public ValueTask<ScanPage<TKey, TValue>> ScanAsync(ScanRequest<TKey> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Ladder.Instruments.CountScan();
        return _steps.ScanAsync(request, cancellationToken);
    }

    /// <summary>Writes a row, whatever was there.</summary>
    /// <returns>The version that the row has now.</returns>
    /// <exception cref="ArgumentNullException">Key or value is null.</exception>
    /// <exception cref="ArgumentException">The key cannot be stored unchanged, or the value cannot be serialized.</exception>
    /// <exception cref="MirrorUnavailableException">Phases C to E, and the mirror did not take the row in time: the outcome is unknown.</exception>
    /// <exception cref="StoreFencedException">The store belongs to a newer epoch than the journal knows.</exception>
    public ValueTask<RowVersion> UpsertAsync(TKey key, TValue value, CancellationToken cancellationToken = default)
    {
        _keys.Check(key);
        ArgumentNullException.ThrowIfNull(value);
        var written = WriteAsync(new SequencedWrite<TKey, TValue>(key, value, 0), cancellationToken);
        return written.IsCompletedSuccessfully ? new(written.Result.Version) : VersionAsync(written);

        static async ValueTask<RowVersion> VersionAsync(ValueTask<WriteResult> write) => (await write.ConfigureAwait(false)).Version;
    }

    /// <summary>Writes a row if it still has the version that was read. <see cref="RowVersion.None"/> inserts: it asks that there be no live value.</summary>
    /// <returns><see cref="WriteStatus.Written"/> with the new version, or <see cref="WriteStatus.Conflict"/> with the row's.</returns>
    /// <inheritdoc cref="UpsertAsync" path="/exception"/>
    public ValueTask<WriteResult> UpsertIfAsync(TKey key, TValue value, RowVersion expected, CancellationToken cancellationToken = default)
    {
        _keys.Check(key);
        ArgumentNullException.ThrowIfNull(value);
        return WriteAsync(new SequencedWrite<TKey, TValue>(key, value, 0) { Expected = expected }, cancellationToken);
    }

    /// <summary>Deletes a row: it becomes a tombstone, so that no late copy brings it back.</summary>
    /// <returns>Whether there was a live value.</returns>
    /// <inheritdoc cref="UpsertAsync" path="/exception"/>
    public async ValueTask<bool> DeleteAsync(TKey key, CancellationToken cancellationToken = default)
    {
        _keys.Check(key);
        var write = new SequencedWrite<TKey, TValue>(key, default, 0) { IsDelete = true };
        return (await WriteAsync(write, cancellationToken).ConfigureAwait(false)).IsWritten;
    }

    /// <summary>Deletes a row if it still has the version that was read.</summary>
    /// <returns><see cref="WriteStatus.Written"/>, <see cref="WriteStatus.Conflict"/> or <see cref="WriteStatus.NotFound"/>.</returns>
    /// <inheritdoc cref="UpsertAsync" path="/exception"/>
    public ValueTask<WriteResult> DeleteIfAsync(TKey key, RowVersion expected, CancellationToken cancellationToken = default)
    {
        _keys.Check(key);
        return WriteAsync(new SequencedWrite<TKey, TValue>(key, default, 0) { IsDelete = true, Expected = expected }, cancellationToken);
    }

    /// <summary>
    /// Reads, changes and writes a row as one step. The value is computed in one place and both stores get the result, so a counter or a new id is safe here. When another
    /// writer is faster, <paramref name="change"/> is called again with what that one wrote.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="change">Gets the row (perhaps a tombstone or nothing) and returns the new value. Free of side effects, quick, never null.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <returns>What was written.</returns>
    /// <inheritdoc cref="UpsertAsync" path="/exception"/>
    public ValueTask<VersionedValue<TValue>> UpdateAsync(
        TKey key, Func<VersionedValue<TValue>, TValue> change, CancellationToken cancellationToken = default)
    {
        _keys.Check(key);
        ArgumentNullException.ThrowIfNull(change);
        Ladder.Instruments.CountWrite();
        return _steps.UpdateAsync(key, change, cancellationToken);
    }

    /// <summary>Stops the background repair. What stands in the outbox stays there.</summary>
    public async ValueTask DisposeAsync()
    {
        _following?.Dispose();
        await ShadowReads.DisposeAsync().ConfigureAwait(false);
        await Repair.DisposeAsync().ConfigureAwait(false);
        if (_ownsLadder)
        {
            await Ladder.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ValueTask<WriteResult> WriteAsync(SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken)
    {
        Ladder.Instruments.CountWrite();
        var pin = Ladder.Pin();
        if (!pin.Stage.IsSingle)
        {
            pin.Release();
            return _steps.WriteAsync(write, cancellationToken);
        }

        ValueTask<WriteResult> pending;
        try
        {
            pending = _steps.Sequencer(pin.Stage).WriteAsync(write with { Epoch = pin.Stage.Epoch }, cancellationToken);
        }
        catch
        {
            pin.Release();
            throw;
        }

        if (!pending.IsCompletedSuccessfully)
        {
            return FinishWriteAsync(pending, pin, write, cancellationToken);
        }

        var result = pending.Result;
        pin.Release();
        return result.Status == WriteStatus.Fenced ? RetryFencedAsync(pin.Stage, write, cancellationToken) : new(result);
    }

    private async ValueTask<WriteResult> FinishWriteAsync(
        ValueTask<WriteResult> pending, PhasePin pin, SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken)
    {
        var result = await ReleaseAfterAsync(pending, pin).ConfigureAwait(false);
        return result.Status == WriteStatus.Fenced ? await RetryFencedAsync(pin.Stage, write, cancellationToken).ConfigureAwait(false) : result;
    }

    private async ValueTask<WriteResult> RetryFencedAsync(Stage stage, SequencedWrite<TKey, TValue> write, CancellationToken cancellationToken)
    {
        await Ladder.OnFencedAsync(stage, cancellationToken).ConfigureAwait(false);
        return await _steps.WriteAsync(write, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<VersionedValue<TValue>> FinishReadAsync(
        ValueTask<VersionedValue<TValue>> pending, PhasePin pin, TKey key, CancellationToken cancellationToken)
    {
        var row = await ReleaseAfterAsync(pending, pin).ConfigureAwait(false);
        return pin.Stage.MayAnswer ? row : await _steps.ReadAsync(key, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<T> ReleaseAfterAsync<T>(ValueTask<T> operation, PhasePin pin)
    {
        try
        {
            return await operation.ConfigureAwait(false);
        }
        finally
        {
            pin.Release();
        }
    }
}
