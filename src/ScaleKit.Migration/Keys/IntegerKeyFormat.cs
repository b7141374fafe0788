using System.Globalization;

namespace ScaleKit.Migration;

internal sealed class IntegerKeyFormat<TKey>(Func<TKey, long> toInteger, Func<long, TKey> fromInteger) : KeyFormat<TKey>
    where TKey : notnull
{
    public override IComparer<TKey> Order { get; } = Comparer<TKey>.Create((x, y) => toInteger(x).CompareTo(toInteger(y)));

    public override bool IsInteger => true;

    public override string ToText(TKey key) => toInteger(key).ToString(CultureInfo.InvariantCulture);

    public override TKey FromText(string text) => fromInteger(long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));

    public override long ToInteger(TKey key) => toInteger(key);

    public override TKey FromInteger(long value) => fromInteger(value);
}
