using System.Buffers;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace ScaleKit.Sharding;

/// <summary>Hashes a key of any length in pieces, in a fixed buffer. One hash object per thread is made once and kept.</summary>
internal static class StreamingKeyHash
{
    private const int ChunkBytes = 1024;

    [ThreadStatic]
    private static XxHash3? t_hash;

    [SkipLocalsInit]
    public static ulong Of(ReadOnlySpan<char> key)
    {
        var hash = t_hash ??= new XxHash3();
        hash.Reset();
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        OperationStatus status;
        do
        {
            // Stops before a character that does not fit whole, so no pair of surrogates is cut by a chunk's end.
            status = Utf8.FromUtf16(key, chunk, out var read, out var written, replaceInvalidSequences: true, isFinalBlock: true);
            hash.Append(chunk[..written]);
            key = key[read..];
        }
        while (status == OperationStatus.DestinationTooSmall);

        return hash.GetCurrentHashAsUInt64();
    }
}
