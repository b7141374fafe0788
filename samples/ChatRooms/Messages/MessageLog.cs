using ScaleKit.Migration;

namespace ChatRooms;

/// <summary>The messages, wherever they lie at the moment: the repository knows the phase, this class does not.</summary>
internal sealed class MessageLog(DualWriteRepository<string, ChatMessage> messages)
{
    /// <summary>
    /// Returns when the message is stored as safely as the phase promises; false when the id was taken, which another process may have done.
    /// Not cancellable: what was begun ends.
    /// </summary>
    public async Task<bool> TryAppendAsync(string id, ChatMessage message) =>
        (await messages.UpsertIfAsync(id, message, RowVersion.None)).Status == WriteStatus.Written;

    /// <summary>The highest number in use in the room; 0 in an empty one.</summary>
    public async Task<long> LastNumberAsync(string room, CancellationToken cancellationToken)
    {
        var last = await ScanAsync(room, MessageKey.End, 1, cancellationToken);
        return last.Entries.Count == 0 ? 0 : MessageKey.NumberOf(last.Entries[0].Key);
    }

    /// <summary>Messages with a number below <paramref name="before"/>, the newest first.</summary>
    public async Task<HistoryPage> PageAsync(string room, long before, int limit, CancellationToken cancellationToken)
    {
        var page = await ScanAsync(room, before, limit, cancellationToken);
        var shown = page.Entries.Select(entry => Show(entry.Key, entry.Value!)).ToArray();
        return new HistoryPage(shown, page.HasMore && shown.Length > 0 ? shown[^1].Id[^MessageKey.Digits..] : null);
    }

    /// <summary>The first messages with a number above <paramref name="after"/> and at most <paramref name="last"/>, the oldest first.</summary>
    public async Task<IReadOnlyList<MessageFrame>> AfterAsync(string room, long after, long last, int limit)
    {
        var page = await messages.ScanAsync(
            new ScanRequest<string> { Range = KeyRange.Between(MessageKey.Of(room, after + 1), MessageKey.Of(room, last + 1)), Limit = limit },
            CancellationToken.None);
        return [.. page.Entries.Select(entry => Show(entry.Key, entry.Value!))];
    }

    private ValueTask<ScanPage<string, ChatMessage>> ScanAsync(string room, long before, int limit, CancellationToken cancellationToken) =>
        messages.ScanAsync(
            new ScanRequest<string> { Range = KeyRange.Between(MessageKey.Of(room, 0), MessageKey.Of(room, before)), Limit = limit, Descending = true },
            cancellationToken);

    private static MessageFrame Show(string id, ChatMessage message) =>
        new(id, MessageKey.NumberOf(id), message.Nickname, message.Text, message.SentAt);
}
