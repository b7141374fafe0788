namespace ScaleKit.Migration;

/// <summary>One run of a backfill; a step copies one page and then stores the cursor. Between both a crash repeats the page, which changes nothing.</summary>
internal sealed class BackfillRun<TKey, TValue>(
    MigrationLadder ladder, IVersionedStore<TKey, TValue> source, IVersionedStore<TKey, TValue> target, CheckpointDocument document, long tenure)
    where TKey : notnull
{
    public BackfillCheckpoint Checkpoint { get; private set; } = new();

    public long Total { get; private set; }

    public long Applied { get; private set; }

    public long RowsOfThisRun { get; private set; }

    public async ValueTask BeginAsync(BackfillCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        Checkpoint = checkpoint;
        Total = checkpoint.Done ? checkpoint.Rows : await source.CountAsync(default, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask StepAsync(int batchSize, CancellationToken cancellationToken)
    {
        var request = new ScanRequest<TKey> { Limit = batchSize, IncludeTombstones = true };
        if (Checkpoint.Cursor is { } cursor)
        {
            request = request.After(source.Keys.FromText(cursor));
        }

        // The pin keeps the dual-write period from ending while a page is on its way.
        var pin = ladder.Pin();
        ScanPage<TKey, TValue> page;
        try
        {
            if (!pin.Stage.IsLoaded || pin.Stage.Tenure != tenure || !pin.Stage.Phase.HasMirror())
            {
                throw new MigrationStateException("The dual-write period that the backfill belongs to has ended: start again in the next one.");
            }

            page = await source.ScanAsync(request, cancellationToken).ConfigureAwait(false);
            if (page.Entries.Count > 0)
            {
                Applied += await target.ApplyManyIfNewerAsync(page.Entries, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            pin.Release();
        }

        var next = new BackfillCheckpoint
        {
            Tenure = tenure,
            Cursor = page.Entries.Count > 0 ? source.Keys.ToText(page.Entries[^1].Key) : Checkpoint.Cursor,
            Rows = Checkpoint.Rows + page.Entries.Count,
            Done = !page.HasMore,
        };
        await document.WriteAsync(next, cancellationToken).ConfigureAwait(false);
        Checkpoint = next;
        RowsOfThisRun += page.Entries.Count;
        ladder.Instruments.Backfilled.Add(page.Entries.Count);
    }
}
