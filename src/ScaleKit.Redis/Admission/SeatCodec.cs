using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ScaleKit.Admission;

namespace ScaleKit.Redis;

/// <summary>Writes what <c>Seats.lua</c> is asked and reads what it answers. Rooms travel as hashes: no name makes a key longer or is seen in Redis.</summary>
internal static class SeatCodec
{
    private const int RoomLength = 16;
    private const int LongestAction = 19;
    private const byte Caps = 5;
    private const int HeadLength = 29;
    private const int AnswerLength = 14;
    private const int GrantLength = 16;

    public static byte[] Write(SeatStep step)
    {
        var rooms = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var action in step.Actions)
        {
            rooms.TryAdd(action.Room, rooms.Count);
        }

        var bytes = new byte[sizeof(int) + (rooms.Count * RoomLength) + 1 + (6 * sizeof(int)) + (step.Actions.Count * LongestAction)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, rooms.Count);
        var at = sizeof(int);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var (room, _) in rooms)
        {
            SHA256.HashData(MemoryMarshal.AsBytes(room.AsSpan()), hash);
            hash[..RoomLength].CopyTo(bytes.AsSpan(at));
            at += RoomLength;
        }

        // What is held must be there before the caps let anybody in.
        foreach (var action in step.Actions)
        {
            at += Write(bytes.AsSpan(at), action, rooms[action.Room]);
        }

        if (step.Caps is { } caps)
        {
            bytes[at++] = Caps;
            foreach (var cap in (ReadOnlySpan<int>)
                [caps.RoomCapacity, caps.ActiveRooms, caps.TotalCapacity, caps.QueueCapacity, caps.RoomQueueCapacity, caps.PriorityBurst])
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), cap);
                at += sizeof(int);
            }
        }

        return bytes[..at];
    }

    /// <exception cref="InvalidDataException">The bytes are not what the script answers.</exception>
    public static SeatReply Read(ReadOnlySpan<byte> bytes)
    {
        var head = Take(ref bytes, HeadLength);
        var answers = new SeatAnswer[Count(ref bytes, AnswerLength)];
        foreach (ref var answer in answers.AsSpan())
        {
            var one = Take(ref bytes, AnswerLength);
            answer = new SeatAnswer(
                (SeatOutcome)one[0], (AdmissionCap)one[1], BinaryPrimitives.ReadInt32LittleEndian(one[2..]), BinaryPrimitives.ReadInt64LittleEndian(one[6..]));
        }

        var grants = new SeatGrant[Count(ref bytes, GrantLength)];
        foreach (ref var grant in grants.AsSpan())
        {
            var one = Take(ref bytes, GrantLength);
            grant = new SeatGrant(BinaryPrimitives.ReadInt64BigEndian(one), BinaryPrimitives.ReadInt64BigEndian(one[8..]));
        }

        return new SeatReply
        {
            Status = (SeatStepStatus)head[0],
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(head[1..]),
            Seats = BinaryPrimitives.ReadInt32LittleEndian(head[9..]),
            ActiveRooms = BinaryPrimitives.ReadInt32LittleEndian(head[13..]),
            Waiting = BinaryPrimitives.ReadInt32LittleEndian(head[17..]),
            Nodes = BinaryPrimitives.ReadInt32LittleEndian(head[21..]),
            NodeRooms = BinaryPrimitives.ReadInt32LittleEndian(head[25..]),
            Answers = answers,
            Grants = grants,
        };
    }

    /// <summary>A count that the rest can hold: nothing is allocated on the word of a stranger.</summary>
    private static int Count(ref ReadOnlySpan<byte> bytes, int unit)
    {
        var count = BinaryPrimitives.ReadInt32LittleEndian(Take(ref bytes, sizeof(int)));
        return count >= 0 && count <= bytes.Length / unit ? count : throw Foreign();
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int length)
    {
        if (bytes.Length < length)
        {
            throw Foreign();
        }

        var taken = bytes[..length];
        bytes = bytes[length..];
        return taken;
    }

    private static InvalidDataException Foreign() => new("The answer about seats is not one of this version's script.");

    private static int Write(Span<byte> to, in SeatAction action, int room)
    {
        to[0] = (byte)action.Kind;
        BinaryPrimitives.WriteInt32LittleEndian(to[1..], room);
        switch (action.Kind)
        {
            case SeatActionKind.Enter:
                to[5] = ClassOf(action.Priority);
                to[6] = action.MayWait ? (byte)1 : (byte)0;
                BinaryPrimitives.WriteInt32LittleEndian(to[7..], action.Capacity);
                BinaryPrimitives.WriteInt64LittleEndian(to[11..], action.Number);
                return LongestAction;
            case SeatActionKind.GiveBack:
                return 5;
            case SeatActionKind.Resize:
                BinaryPrimitives.WriteInt32LittleEndian(to[5..], action.Capacity);
                return 9;
            case SeatActionKind.Hold:
                BinaryPrimitives.WriteInt32LittleEndian(to[5..], action.Seats);
                BinaryPrimitives.WriteInt32LittleEndian(to[9..], action.Capacity);
                return 13;
            default:
                to[5] = ClassOf(action.Priority);
                BinaryPrimitives.WriteInt64LittleEndian(to[6..], action.Number);
                return 14;
        }
    }

    // In the order in which they are served.
    private static byte ClassOf(AdmissionPriority priority) => priority switch { AdmissionPriority.High => (byte)'0', AdmissionPriority.Low => (byte)'2', _ => (byte)'1' };
}
