using System.Runtime.CompilerServices;

namespace ScaleKit.Caching;

/// <summary>
/// What an entry costs in bytes of memory: the key, the tags, the value, and the objects around them on a 64-bit runtime. Exact for bytes and strings; a value type
/// counts its size; any other shared object counts the length of its bytes where they were made for the distributed level, else <see cref="UnknownObject"/>.
/// </summary>
internal static class EntrySize
{
    /// <summary>The entry itself, its node in the dictionary, and their share of the dictionary's and the ghosts' tables.</summary>
    public const int Overhead = 224;

    /// <summary>An immutable object of which nothing is known.</summary>
    public const int UnknownObject = 256;

    private const int ObjectHeader = 24;

    public static long Of(string key, LocalEntry entry)
    {
        var bytes = Overhead + OfText(key) + entry.ValueBytes;
        if (entry.Tags.Length == 0)
            return bytes;
        bytes += ObjectHeader + (IntPtr.Size * entry.Tags.Length);
        foreach (var tag in entry.Tags)
            bytes += OfText(tag);
        return bytes;
    }

    public static long OfPayload(int length) => ObjectHeader + length;

    public static long OfShared<T>(T value, int serializedBytes) => value switch
    {
        null => 0,
        string text => OfText(text),
        _ when typeof(T).IsValueType => Unsafe.SizeOf<T>(),
        _ => ObjectHeader + (serializedBytes > 0 ? serializedBytes : UnknownObject),
    };

    private static long OfText(string text) => ObjectHeader + (2L * text.Length);
}
