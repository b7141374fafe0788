namespace ScaleKit.Migration;

internal sealed class ConvertedKeyFormat<TKey> : KeyFormat<TKey>
    where TKey : notnull
{
    private readonly Func<TKey, string> _toText;
    private readonly Func<string, TKey> _fromText;

    public ConvertedKeyFormat(Func<TKey, string> toText, Func<string, TKey> fromText)
    {
        ArgumentNullException.ThrowIfNull(toText);
        ArgumentNullException.ThrowIfNull(fromText);
        _toText = toText;
        _fromText = fromText;
        Order = Comparer<TKey>.Create((x, y) => CodePointOrder.Instance.Compare(toText(x), toText(y)));
    }

    public override IComparer<TKey> Order { get; }

    public override string ToText(TKey key) => _toText(key);

    public override TKey FromText(string text) => _fromText(text);

    public override void Check(TKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        KeyFormat.Text.Check(_toText(key));
    }
}
