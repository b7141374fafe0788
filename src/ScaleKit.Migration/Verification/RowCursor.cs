namespace ScaleKit.Migration;

/// <summary>Walks the live rows of a range of one store in key order, a page at a time. The verification's own: it shares nothing with the backfill, which cannot catch its own mistakes.</summary>
internal sealed class RowCursor<TKey, TValue>(IVersionedStore<TKey, TValue> store, KeyRange<TKey> range, int pageSize)
    where TKey : notnull
{
    private ScanRequest<TKey> _next = new() { Range = range, Limit = pageSize };
    private ScanPage<TKey, TValue>? _page;
    private int _index;

    public bool AtEnd { get; private set; }

    public VersionedEntry<TKey, TValue> Current => _page!.Entries[_index];

    public async ValueTask MoveNextAsync(CancellationToken cancellationToken)
    {
        if (_page is not null && ++_index < _page.Entries.Count)
        {
            return;
        }

        if (_page is { HasMore: false })
        {
            AtEnd = true;
            return;
        }

        _page = await store.ScanAsync(_next, cancellationToken).ConfigureAwait(false);
        _index = 0;
        if (_page.Entries.Count == 0)
        {
            AtEnd = true;
            return;
        }

        _next = _next.After(_page.Entries[^1].Key);
    }
}
