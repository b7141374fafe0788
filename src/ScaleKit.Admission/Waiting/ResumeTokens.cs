using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ScaleKit.Admission;

/// <summary>
/// Writes and reads what a visitor shows to get its place back: version (1), number of the arrival (8), end of validity by the queue's clock (8), HMAC-SHA256 over
/// these, the room and the client (32), in base64url. The key is random and dies with the queue, as the numbers do. Thread-safe.
/// </summary>
internal sealed class ResumeTokens
{
    private const byte Version = 1;
    private const int HeadLength = 1 + (2 * sizeof(long));
    private const int Length = HeadLength + HMACSHA256.HashSizeInBytes;

    private static readonly int TextLength = Base64Url.GetEncodedLength(Length);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    public string Write(long number, TimeSpan expiresAt, string room, string client)
    {
        Span<byte> token = stackalloc byte[Length];
        token[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(token[1..], number);
        BinaryPrimitives.WriteInt64BigEndian(token[(1 + sizeof(long))..], expiresAt.Ticks);
        Sign(token[..HeadLength], room, client, token[HeadLength..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Whether the token is genuine, for this room and client, and still good. Anything else is no error: it comes from outside.</summary>
    public bool TryRead(string text, string room, string client, TimeSpan now, out long number, out TimeSpan expiresAt)
    {
        (number, expiresAt) = (0, default);
        Span<byte> token = stackalloc byte[Length];
        if (text.Length != TextLength
            || Base64Url.DecodeFromChars(text, token, out _, out var written) != System.Buffers.OperationStatus.Done
            || written != Length
            || token[0] != Version)
        {
            return false;
        }

        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Sign(token[..HeadLength], room, client, signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, token[HeadLength..]))
        {
            return false;
        }

        number = BinaryPrimitives.ReadInt64BigEndian(token[1..]);
        expiresAt = new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(token[(1 + sizeof(long))..]));
        return now < expiresAt;
    }

    private void Sign(ReadOnlySpan<byte> head, string room, string client, Span<byte> signature)
    {
        // The room's length is signed too, so that no part of one name can pass for a part of the other.
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, room.Length);
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hash.AppendData(head);
        hash.AppendData(length);
        hash.AppendData(MemoryMarshal.AsBytes(room.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(client.AsSpan()));
        _ = hash.GetHashAndReset(signature);
    }
}
