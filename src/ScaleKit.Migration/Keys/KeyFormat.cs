using System.Globalization;

namespace ScaleKit.Migration;

/// <summary>The formats of the usual key types.</summary>
public static class KeyFormat
{
    /// <summary>The longest text key, in UTF-16 units: 1,024.</summary>
    public const int MaximumTextLength = 1024;

    /// <summary>Text, ordered by code point (the byte order of UTF-8). Refuses U+0000 and halves of surrogate pairs: databases change or refuse them.</summary>
    public static KeyFormat<string> Text { get; } = new TextKeyFormat();

    /// <summary>64-bit integers, ordered as numbers.</summary>
    public static KeyFormat<long> ForInt64 { get; } = new IntegerKeyFormat<long>(static k => k, static n => n);

    /// <summary>32-bit integers, ordered as numbers.</summary>
    public static KeyFormat<int> ForInt32 { get; } = new IntegerKeyFormat<int>(static k => k, static n => checked((int)n));

    /// <summary>Guids, written and ordered as their lower-case text of 36 characters.</summary>
    public static KeyFormat<Guid> ForGuid { get; } =
        Create(static k => k.ToString("D", CultureInfo.InvariantCulture), static text => Guid.ParseExact(text, "D"));

    /// <summary>Keys of your own, by a text form that is unique and stable; they are ordered by that text.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static KeyFormat<TKey> Create<TKey>(Func<TKey, string> toText, Func<string, TKey> fromText)
        where TKey : notnull => new ConvertedKeyFormat<TKey>(toText, fromText);

    /// <summary>The ready format of a key type: text, integers, Guids.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static KeyFormat<TKey> For<TKey>()
        where TKey : notnull =>
        (object)Text as KeyFormat<TKey> ?? (object)ForInt64 as KeyFormat<TKey> ?? (object)ForInt32 as KeyFormat<TKey> ?? (object)ForGuid as KeyFormat<TKey>
        ?? throw new NotSupportedException($"There is no ready key format for {typeof(TKey)}. Make one with KeyFormat.Create.");
}
