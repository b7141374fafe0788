namespace ScaleKit.Migration;

internal sealed class TextValueFormat<TValue>(Func<TValue, string> toText, Func<string, TValue> fromText) : ValueFormat<TValue>
{
    public override bool IsText => true;

    public override string ToText(TValue value) => toText(value);

    public override TValue FromText(string text) => fromText(text);
}
