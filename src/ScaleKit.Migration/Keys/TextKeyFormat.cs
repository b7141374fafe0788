using System.Text;

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

        if (key.Contains('\0') || (key.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && HasLoneSurrogate(key)))
        {
            throw new ArgumentException($"The key '{Shown.Of(key)}' holds U+0000 or half of a surrogate pair, which databases change or refuse.", nameof(key));
        }
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> key)
    {
        while (key.Length > 0)
        {
            if (Rune.DecodeFromUtf16(key, out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                return true;
            }

            key = key[length..];
        }

        return false;
    }
}
