using System.Net;
using System.Net.Http.Headers;

namespace ChatRooms;

/// <summary>Reads a room's history page by page, as the page does, and checks that every message comes once and newest first.</summary>
internal sealed class HistoryReader(Uri server, HttpClient http, SessionAnswer session, RunChecker checker, TimeProvider time)
{
    /// <summary>The ids that were read, at most <paramref name="pages"/> pages of them.</summary>
    public async Task<List<string>> WalkAsync(string room, int pages, int pageSize, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        var last = long.MaxValue;
        var cursor = "";
        for (var page = 0; page < pages && cursor is not null; page++)
        {
            var answer = await PageAsync(room, cursor, pageSize, cancellationToken);
            foreach (var message in answer.Messages)
            {
                if (message.Number >= last || !message.Id.StartsWith(room + "/", StringComparison.Ordinal))
                    checker.Broken.Enqueue($"the history of {room} shows {message.Id} after number {last}");
                last = message.Number;
                ids.Add(message.Id);
            }
            cursor = answer.Next;
        }
        return ids;
    }

    private async Task<HistoryPage> PageAsync(string room, string cursor, int pageSize, CancellationToken cancellationToken)
    {
        while (true)
        {
            var query = cursor.Length == 0 ? "" : $"&before={cursor}";
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, $"api/rooms/{room}/messages?limit={pageSize}{query}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", session.Session);
            var sent = time.GetTimestamp();
            using var answer = await http.SendAsync(request, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                answer.EnsureSuccessStatusCode();
                checker.WasAccepted(Policies.History, session.UserId, sent, time.GetTimestamp());
                return (await answer.Content.ReadFromJsonAsync(ChatJson.Default.HistoryPage, cancellationToken))!;
            }
            checker.WasLimited();
            await Task.Delay(answer.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }
}
