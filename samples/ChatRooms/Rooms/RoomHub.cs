using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;

namespace ChatRooms;

/// <summary>The people who sit in one room on this node, and the order of what is said there, on whatever node.</summary>
internal sealed class RoomHub(string room, MessageLog log, TimeProvider time, Action<string> said)
{
    private const int PageSize = 100;
    private const int LooksAtAHole = 10;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private ImmutableArray<Outbox> _members = [];
    private long _tried = -1;
    private long _shown = -1;

    /// <summary>From the first message that is not yet in the store when this returns, the member is shown all.</summary>
    public async Task EnterAsync(Outbox member)
    {
        await _turn.WaitAsync();
        try
        {
            // What was said while nobody sat here is history.
            if (_members.IsEmpty)
                _shown = Math.Max(_shown, await log.LastNumberAsync(room, CancellationToken.None));
            ImmutableInterlocked.Update(ref _members, static (members, member) => members.Add(member), member);
        }
        finally
        {
            _turn.Release();
        }
        ShowPresence();
    }

    public void Leave(Outbox member)
    {
        ImmutableInterlocked.Update(ref _members, static (members, member) => members.Remove(member), member);
        ShowPresence();
    }

    /// <summary>
    /// Numbers, stores and only then shows the message. One post of a room at a time on each node, and the store takes a number once:
    /// what a member sees comes in the order of the numbers, and a message with number n is stored before anything that follows it.
    /// </summary>
    public async Task<(string Id, long Number)> PostAsync(ChatMessage message, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // A number is tried once, also when the write fails: whether it reached the disk is unknown then.
            var number = _tried = Math.Max(_tried, _shown) + 1;
            while (!await log.TryAppendAsync(MessageKey.Of(room, number), message))
                number = _tried = Math.Max(number, await log.LastNumberAsync(room, CancellationToken.None)) + 1;
            var id = MessageKey.Of(room, number);
            said(id);
            await ShowUpToAsync(number - 1);
            Show(new MessageFrame(id, number, message.Nickname, message.Text, message.SentAt));
            return (id, number);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Shows what was said on other nodes: up to <paramref name="number"/>, or all that is stored when it is null.</summary>
    public async Task CatchUpAsync(long? number)
    {
        if (_members.IsEmpty || number <= Volatile.Read(ref _shown))
            return;
        await _turn.WaitAsync();
        try
        {
            if (!_members.IsEmpty)
                await ShowUpToAsync(number ?? await log.LastNumberAsync(room, CancellationToken.None));
        }
        finally
        {
            _turn.Release();
        }
    }

    // A hole before a stored number is a write that is on its way, or one that failed: the first is waited for, the second left out.
    private async Task ShowUpToAsync(long number)
    {
        for (var looks = LooksAtAHole; _shown < number;)
        {
            var before = _shown;
            foreach (var message in await log.AfterAsync(room, _shown, number, PageSize))
            {
                if (message.Number > _shown + 1 && looks > 0)
                    break;
                Show(message);
            }
            if (_shown > before)
                continue;
            if (looks-- == 0)
                Volatile.Write(ref _shown, number);
            else
                await Task.Delay(BetweenLooks, time);
        }
    }

    private void Show(MessageFrame message)
    {
        Volatile.Write(ref _shown, message.Number);
        Broadcast(message, ChatJson.Default.MessageFrame);
    }

    private void ShowPresence() => Broadcast(new PresenceFrame(room, _members.Length), ChatJson.Default.PresenceFrame);

    private void Broadcast<T>(T frame, JsonTypeInfo<T> type)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(frame, type);
        foreach (var member in _members)
            member.Send(bytes);
    }
}
