using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;

namespace ScaleKit.Caching;

/// <summary>Strings as UTF-8, or as UTF-16 where they hold lone surrogates, which UTF-8 would silently replace. The first byte tells which.</summary>
internal sealed class StringCacheSerializer : IHybridCacheSerializer<string>
{
    private const byte Utf8 = 0;
    private const byte Utf16 = 1;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string Deserialize(ReadOnlySequence<byte> source)
    {
        var bytes = source.IsSingleSegment ? source.FirstSpan : source.ToArray();
        return bytes[0] switch
        {
            Utf8 => StrictUtf8.GetString(bytes[1..]),
            Utf16 when bytes.Length % 2 == 1 => new string(MemoryMarshal.Cast<byte, char>(bytes[1..])),
            _ => throw new InvalidDataException("Not the bytes of a string."),
        };
    }

    public void Serialize(string value, IBufferWriter<byte> target)
    {
        if (KeyRules.IsWellFormed(value))
        {
            target.Write([Utf8]);
            StrictUtf8.GetBytes(value, target);
        }
        else
        {
            target.Write([Utf16]);
            target.Write(MemoryMarshal.AsBytes(value.AsSpan()));
        }
    }
}
