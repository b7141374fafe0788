namespace ScaleKit.Migration;

/// <summary>
/// One run of a backfill: hands key ranges out to its lanes; a step copies one page of a range and then stores the checkpoint. Between both a crash repeats the page, which changes nothing.
/// </summary>
internal sealed class BackfillRun<TKey, TValue>(
    MigrationLadder ladder, IVersionedStore<TKey, TValue> source, IVersionedStore<TKey, TValue> target, CheckpointDocument document, long tenure)
    where TKey : notnull
{
    // Long enough that asking for the next range costs little beside copying it.
    private const int PagesPerChunk = 16;
    private readonly Turn _turn = new(ladder.Wake);
    private Queue<BackfillChunk> _left = [];
    private IReadOnlyList<BackfillChunk> _open = [];
    private BackfillChunk? _rest;

    public BackfillPace Pace { get; } = new(ladder);

    public long Total { get; private set; }

    public long Rows { get; private set; }

    public long Applied { get; private set; }

    public long RowsOfThisRun { get; private set; }

    public async ValueTask BeginAsync(BackfillCheckpoint? checkpoint, CancellationToken cancellationToken)
    {
        Total = checkpoint is { Done: true } ? checkpoint.Rows : await source.CountAsync(default, cancellationToken).ConfigureAwait(false);
        if (checkpoint is not null)
        {
            Rows = checkpoint.Rows;
            _rest = checkpoint.Rest;
            _open = checkpoint.Open;
        }
        else if (ladder.Options.BackfillParallelism == 1 || Total <= ladder.Options.BackfillBatchSize)
        {
            _open = [new BackfillChunk(null, null)];
        }
        else
        {
            _rest = new BackfillChunk(null, null);
        }

        _left = new Queue<BackfillChunk>(_open);
    }

    /// <summary>The next range for a lane; null when all are handed out.</summary>
    public async ValueTask<BackfillChunk?> TakeAsync(CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_left.TryDequeue(out var left))
            {
                return left;
            }

            if (_rest is not { } rest)
            {
                return null;
            }

            var chunk = await source.ChunkAsync(rest.Range(source.Keys), PagesPerChunk * ladder.Options.BackfillBatchSize, cancellationToken).ConfigureAwait(false);
            var taken = chunk.HasUpper ? rest with { Through = source.Keys.ToText(chunk.Upper!) } : rest;
            _rest = chunk.HasUpper ? new BackfillChunk(taken.Through, null) : null;
            _open = [.. _open, taken];
            return taken;
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Copies the first page of a range.</summary>
    /// <returns>What remains of the range, null when nothing does, and how long the lane is to rest.</returns>
    public async ValueTask<(BackfillChunk? Remaining, TimeSpan Pause)> StepAsync(BackfillChunk chunk, CancellationToken cancellationToken)
    {
        using var activity = MigrationActivities.StartPage();
        try
        {
            var (rest, rows, pause) = await CopyAsync(chunk, cancellationToken).ConfigureAwait(false);
            MigrationActivities.EndRows(activity, rows);
            return (rest, pause);
        }
        catch (Exception failure)
        {
            MigrationActivities.Fail(activity, failure);
            throw;
        }
    }

    private async ValueTask<(BackfillChunk? Remaining, int Rows, TimeSpan Pause)> CopyAsync(BackfillChunk chunk, CancellationToken cancellationToken)
    {
        var request = new ScanRequest<TKey> { Range = chunk.Range(source.Keys), Limit = ladder.Options.BackfillBatchSize, IncludeTombstones = true };
        var started = ladder.Time.GetTimestamp();
        var (read, applied, newer) = (TimeSpan.Zero, TimeSpan.Zero, 0);
        ScanPage<TKey, TValue> page;

        // The pin keeps the dual-write period from ending while a page is on its way.
        var pin = ladder.Pin();
        try
        {
            if (!pin.Stage.IsLoaded || pin.Stage.Tenure != tenure || !pin.Stage.Phase.HasMirror())
            {
                throw new MigrationStateException("The dual-write period that the backfill belongs to has ended: start again in the next one.");
            }

            page = await source.ScanAsync(request, cancellationToken).ConfigureAwait(false);
            read = ladder.Time.GetElapsedTime(started);
            if (page.Entries.Count > 0)
            {
                newer = await target.ApplyManyIfNewerAsync(page.Entries, cancellationToken).ConfigureAwait(false);
                applied = ladder.Time.GetElapsedTime(started) - read;
            }
        }
        finally
        {
            pin.Release();
        }

        var rest = page.HasMore ? chunk with { After = source.Keys.ToText(page.Entries[^1].Key) } : null;
        await StoreAsync(chunk, rest, page.Entries.Count, newer, cancellationToken).ConfigureAwait(false);
        ladder.Instruments.Backfilled.Add(page.Entries.Count);
        return (rest, page.Entries.Count, Pace.Copied(page.Entries.Count, read, applied));
    }

    private async ValueTask StoreAsync(BackfillChunk chunk, BackfillChunk? rest, int rows, int newer, CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            BackfillChunk[] open = rest is null ? [.. _open.Where(c => c != chunk)] : [.. _open.Select(c => c == chunk ? rest : c)];
            var next = new BackfillCheckpoint { Tenure = tenure, Open = open, Rest = _rest, Rows = Rows + rows };
            await document.WriteAsync(next, cancellationToken).ConfigureAwait(false);
            (_open, Rows, RowsOfThisRun, Applied) = (open, next.Rows, RowsOfThisRun + rows, Applied + newer);
        }
        finally
        {
            _turn.Leave();
        }
    }
}
