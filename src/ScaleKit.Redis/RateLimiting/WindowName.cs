using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ScaleKit.Redis;

/// <summary>
/// The Redis key of a window: <c>prefix:rl:{tag}id</c>, both parts cut from SHA-256, so that no two keys are one, none injects, none tells Redis who a user is, and
/// all are short: 30 bytes with the default prefix, which with a value of 44 is the most that Redis stores in 200 bytes altogether.
/// </summary>
internal static class WindowName
{
    private const string Area = "rl";
    private const int TagBytes = 6;

    /// <summary>
    /// All policies of one key lie in one hash slot. Different keys do where they hold the same text in braces, as in Redis itself: <c>{acme}ann</c>, <c>{acme}</c>.
    /// </summary>
    public static RedisName Of(RedisNames names, string policy, string key)
    {
        var tag = TagOf(key);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(tag), hash);
        Span<char> slot = stackalloc char[Base64Url.GetEncodedLength(TagBytes)];
        Base64Url.EncodeToChars(hash[..TagBytes], slot);

        // The tag of a key without braces is a hash of that key and tells keys apart together with the id; one that keys share does not.
        Identify(policy, key, hash);
        var id = Base64Url.EncodeToString(hash[..(tag.Length == key.Length ? TagBytes : 2 * TagBytes)]);
        return names.Name(Area, slot, id);
    }

    private static void Identify(string policy, string key, Span<byte> hash)
    {
        // The UTF-16 as it is, behind its length: no two pairs write the same bytes, and lone surrogates stay what they are.
        Span<byte> text = stackalloc byte[sizeof(int) + ((policy.Length + key.Length) * sizeof(char))];
        BinaryPrimitives.WriteInt32LittleEndian(text, policy.Length);
        MemoryMarshal.AsBytes(policy.AsSpan()).CopyTo(text[sizeof(int)..]);
        MemoryMarshal.AsBytes(key.AsSpan()).CopyTo(text[(sizeof(int) + (policy.Length * sizeof(char)))..]);
        SHA256.HashData(text, hash);
    }

    private static ReadOnlySpan<char> TagOf(string key)
    {
        var open = key.IndexOf('{', StringComparison.Ordinal);
        var length = open < 0 ? -1 : key.AsSpan(open + 1).IndexOf('}');
        return length > 0 ? key.AsSpan(open + 1, length) : key;
    }
}
