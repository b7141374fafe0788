using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace ScaleKit.Migration;

/// <summary>The hash of one live row: XXH3-64 over key, version and value, each with its length, so that no two different rows give the same bytes.</summary>
internal static class RowHash
{
    public static ulong Of(string key, RowVersion version, ReadOnlySpan<byte> value)
    {
        var hash = new XxHash3();
        Span<byte> numbers = stackalloc byte[32];
        var keyBytes = Encoding.UTF8.GetBytes(key);
        BinaryPrimitives.WriteInt64LittleEndian(numbers, keyBytes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[8..], version.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[16..], version.Counter);
        BinaryPrimitives.WriteInt64LittleEndian(numbers[24..], value.Length);
        hash.Append(numbers);
        hash.Append(keyBytes);
        hash.Append(value);
        return hash.GetCurrentHashAsUInt64();
    }

    public static ulong Of(string key, RowVersion version, string value) => Of(key, version, Encoding.UTF8.GetBytes(value));

    public static ulong Of<TValue>(string key, RowVersion version, TValue value, ValueFormat<TValue> format) =>
        format.IsText ? Of(key, version, format.ToText(value)) : Of(key, version, format.ToBytes(value));
}
