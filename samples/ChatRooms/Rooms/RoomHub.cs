using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;

namespace ChatRooms;

/// <summary>The people seated in one room, and the order of what they say.</summary>
internal sealed class RoomHub(string room, MessageLog log)
{
    private readonly SemaphoreSlim _posting = new(1, 1);
    private ImmutableArray<Outbox> _members = [];
    private long _last = -1;

    public void Enter(Outbox member)
    {
        ImmutableInterlocked.Update(ref _members, static (members, member) => members.Add(member), member);
        ShowPresence();
    }

    public void Leave(Outbox member)
    {
        ImmutableInterlocked.Update(ref _members, static (members, member) => members.Remove(member), member);
        ShowPresence();
    }

    /// <summary>
    /// Numbers, stores and only then shows the message. One post of a room at a time: what a member sees comes in the order of
    /// the numbers, and a message with number n is stored before anything that follows it.
    /// </summary>
    public async Task<(string Id, long Number)> PostAsync(ChatMessage message, CancellationToken cancellationToken)
    {
        await _posting.WaitAsync(cancellationToken);
        try
        {
            if (_last < 0)
                _last = await log.LastNumberAsync(room, cancellationToken);
            // A number is used once, also when the write fails: whether it reached the disk is unknown then.
            var number = ++_last;
            var id = MessageKey.Of(room, number);
            while (!await log.TryAppendAsync(id, message))
            {
                number = ++_last;
                id = MessageKey.Of(room, number);
            }
            Broadcast(new MessageFrame(id, number, message.Nickname, message.Text, message.SentAt), ChatJson.Default.MessageFrame);
            return (id, number);
        }
        finally
        {
            _posting.Release();
        }
    }

    private void ShowPresence() => Broadcast(new PresenceFrame(room, _members.Length), ChatJson.Default.PresenceFrame);

    private void Broadcast<T>(T frame, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(frame, type);
        foreach (var member in _members)
            member.Send(bytes);
    }
}
