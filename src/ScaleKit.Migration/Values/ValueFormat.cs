using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ScaleKit.Migration;

/// <summary>The formats of the usual value types.</summary>
public static class ValueFormat
{
    /// <summary>Text as it is.</summary>
    public static ValueFormat<string> Text { get; } = new TextValueFormat<string>(static v => v, static t => t);

    /// <summary>Bytes as they are. The arrays are not copied: do not change them afterwards.</summary>
    public static ValueFormat<byte[]> Bytes { get; } = new BytesValueFormat<byte[]>(static v => v, static b => b);

    /// <summary>JSON text by a source-generated contract, so that it works trimmed and ahead of time compiled.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="contract"/> is null.</exception>
    public static ValueFormat<TValue> Json<TValue>(JsonTypeInfo<TValue> contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        return new TextValueFormat<TValue>(
            value => JsonSerializer.Serialize(value, contract),
            text => JsonSerializer.Deserialize(text, contract) ?? throw new JsonException("The stored value is the JSON null."));
    }

    /// <summary>Text of your own; the same value must always give the same text.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static ValueFormat<TValue> CreateText<TValue>(Func<TValue, string> toText, Func<string, TValue> fromText)
    {
        ArgumentNullException.ThrowIfNull(toText);
        ArgumentNullException.ThrowIfNull(fromText);
        return new TextValueFormat<TValue>(toText, fromText);
    }

    /// <summary>Bytes of your own; the same value must always give the same bytes.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static ValueFormat<TValue> CreateBytes<TValue>(Func<TValue, byte[]> toBytes, Func<byte[], TValue> fromBytes)
    {
        ArgumentNullException.ThrowIfNull(toBytes);
        ArgumentNullException.ThrowIfNull(fromBytes);
        return new BytesValueFormat<TValue>(toBytes, fromBytes);
    }
}
