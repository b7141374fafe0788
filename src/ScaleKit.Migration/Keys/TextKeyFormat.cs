namespace ScaleKit.Migration;

internal sealed class TextKeyFormat : KeyFormat<string>
{
    public override IComparer<string> Order => CodePointOrder.Instance;

    public override string ToText(string key) => key;

    public override string FromText(string text) => text;

    public override void Check(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length > KeyFormat.MaximumTextLength)
        {
            throw new ArgumentException(
                $"The key '{Shown.Of(key)}' has {key.Length} characters; the limit is {KeyFormat.MaximumTextLength}.", nameof(key));
        }

        if (!IsPlain(key))
        {
            throw new ArgumentException($"The key '{Shown.Of(key)}' holds U+0000 or half of a surrogate pair, which databases change or refuse.", nameof(key));
        }
    }

    private static bool IsPlain(string key)
    {
        for (var i = 0; i < key.Length; i++)
        {
            if (key[i] == 0)
            {
                return false;
            }

            if (char.IsSurrogate(key[i]))
            {
                if (i + 1 == key.Length || !char.IsSurrogatePair(key[i], key[i + 1]))
                {
                    return false;
                }

                i++;
            }
        }

        return true;
    }
}
