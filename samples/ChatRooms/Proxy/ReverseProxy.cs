using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http.Features;

namespace ChatRooms;

/// <summary>
/// Passes requests and WebSockets on to the nodes in turn, with the framework's own means. A node that cannot be reached rests for a moment and
/// the next one is asked; a request that may have reached a node is never repeated. Any load balancer does the same; nothing has to be sticky.
/// </summary>
internal sealed class ReverseProxy(IReadOnlyList<Uri> nodes, TimeProvider time) : IDisposable
{
    /// <summary>Tells which node answered: its number, from 1.</summary>
    public const string NodeHeader = "X-Node";

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    // What concerns one connection and not the request. Source: RFC 9110, section 7.6.1.
    private static readonly HashSet<string> OfOneConnection = new(StringComparer.OrdinalIgnoreCase)
        { "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade" };

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ActivityHeadersPropagator = null, ConnectTimeout = TimeSpan.FromSeconds(1),
    });

    private readonly long[] _failed = new long[nodes.Count];
    private uint _turn;

    public async Task InvokeAsync(HttpContext context)
    {
        for (var tries = 0; tries < nodes.Count; tries++)
        {
            var node = Choose();
            try
            {
                using var answer = await _http.SendAsync(RequestTo(nodes[node], context), context.RequestAborted);
                context.Response.Headers[NodeHeader] = (node + 1).ToString(CultureInfo.InvariantCulture);
                if (answer.StatusCode == HttpStatusCode.SwitchingProtocols)
                    await TunnelAsync(context, answer);
                else
                    await AnswerAsync(context, answer);
                return;
            }
            catch (HttpRequestException failure) when (failure.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
            {
                Volatile.Write(ref _failed[node], time.GetTimestamp());
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
            {
                // The node or the client went away half-way.
                if (context.Response.HasStarted)
                    context.Abort();
                else
                    context.Response.StatusCode = StatusCodes.Status502BadGateway;
                return;
            }
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The next node that did not just fail; the next one when all did.</summary>
    private int Choose()
    {
        for (var step = 0; step < nodes.Count; step++)
        {
            var node = (int)(Interlocked.Increment(ref _turn) % (uint)nodes.Count);
            var failed = Volatile.Read(ref _failed[node]);
            if (failed == 0 || time.GetElapsedTime(failed) > Rest)
                return node;
        }
        return (int)(Interlocked.Increment(ref _turn) % (uint)nodes.Count);
    }

    private static HttpRequestMessage RequestTo(Uri node, HttpContext context)
    {
        var from = context.Request;
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(node, from.Path.ToUriComponent() + from.QueryString.ToUriComponent()));
        if (from.ContentLength > 0 || from.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(from.Body);
        foreach (var (name, values) in from.Headers)
        {
            if (!OfOneConnection.Contains(name) && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        request.Headers.Host = from.Host.Value;
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", context.Connection.RemoteIpAddress?.ToString());
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true })
        {
            request.Headers.TryAddWithoutValidation("Connection", "Upgrade");
            request.Headers.TryAddWithoutValidation("Upgrade", from.Headers.Upgrade.ToString());
        }
        return request;
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage answer)
    {
        CopyHeaders(context, answer);
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        // A chunk goes on as it comes: server-sent events are an answer that does not end.
        var buffer = new byte[16 * 1024];
        while (await body.ReadAsync(buffer, context.RequestAborted) is var length and > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, length), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static async Task TunnelAsync(HttpContext context, HttpResponseMessage answer)
    {
        CopyHeaders(context, answer);
        await using var node = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        await using var client = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        // When one side has ended there is nobody to talk to for the other.
        await Task.WhenAny(client.CopyToAsync(node, ended.Token), node.CopyToAsync(client, ended.Token));
        await ended.CancelAsync();
    }

    private static void CopyHeaders(HttpContext context, HttpResponseMessage answer)
    {
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (!OfOneConnection.Contains(name))
                context.Response.Headers[name] = values.ToArray();
        }
        if (answer.StatusCode == HttpStatusCode.SwitchingProtocols)
        {
            context.Response.Headers.Connection = "Upgrade";
            context.Response.Headers.Upgrade = "websocket";
        }
    }
}
