namespace ScaleKit.Migration;

/// <summary>Keys that are still to be copied: above one, through another; null stands for the end of the keys. As texts, for the checkpoint.</summary>
internal sealed record BackfillChunk(string? After, string? Through)
{
    public KeyRange<TKey> Range<TKey>(KeyFormat<TKey> keys)
        where TKey : notnull
    {
        var range = After is null ? default : default(KeyRange<TKey>).After(keys.FromText(After));
        return Through is null ? range : range.Through(keys.FromText(Through));
    }
}
