using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace ScaleKit.Migration;

/// <summary>The hash of one live row: XXH3-64 over key, version and value, each with its length, so that no two different rows give the same bytes.</summary>
internal static class RowHash
{
    private const int Short = 1024;
    private const int Numbers = 32;

    public static ulong Of(string key, RowVersion version, ReadOnlySpan<byte> value) => Of(key, version, value, default);

    public static ulong Of(string key, RowVersion version, string value) => Of(key, version, default, value);

    private static ulong Of(string key, RowVersion version, ReadOnlySpan<byte> bytes, ReadOnlySpan<char> text)
    {
        var longest = Numbers + Encoding.UTF8.GetMaxByteCount(key.Length) + bytes.Length + Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var row = longest <= Short ? stackalloc byte[Short] : rented = ArrayPool<byte>.Shared.Rent(longest);
        var keyLength = Encoding.UTF8.GetBytes(key, row[Numbers..]);
        var value = row[(Numbers + keyLength)..];
        bytes.CopyTo(value);
        var valueLength = bytes.Length + Encoding.UTF8.GetBytes(text, value[bytes.Length..]);
        BinaryPrimitives.WriteInt64LittleEndian(row, keyLength);
        BinaryPrimitives.WriteInt64LittleEndian(row[8..], version.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(row[16..], version.Counter);
        BinaryPrimitives.WriteInt64LittleEndian(row[24..], valueLength);
        var hash = XxHash3.HashToUInt64(row[..(Numbers + keyLength + valueLength)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    public static ulong Of<TValue>(string key, RowVersion version, TValue value, ValueFormat<TValue> format) =>
        format.IsText ? Of(key, version, format.ToText(value)) : Of(key, version, format.ToBytes(value));
}
