namespace ChatRooms;

/// <summary>POST /api/sessions opens a session, GET shows it, DELETE ends it.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/sessions", OpenAsync).RequireRateLimit(Policies.Session);
        routes.MapGet("/api/sessions/current", ShowAsync);
        routes.MapDelete("/api/sessions/current", EndAsync);
    }

    private static async Task<IResult> OpenAsync(HttpRequest request, SessionService sessions, CancellationToken cancellationToken)
    {
        var (body, problem) = await JsonBody.ReadAsync(request, ChatJson.Default.SessionRequest, cancellationToken);
        if (problem is not null)
            return problem;
        if (!TextRules.TryNickname(body!.Nickname, out var nickname, out var reason))
            return Problems.Of(400, "This nickname cannot be used", reason);
        var (token, session) = await sessions.OpenAsync(nickname, cancellationToken);
        return Results.Json(new SessionAnswer(token, session.UserId, session.Nickname), ChatJson.Default.SessionAnswer, statusCode: 201);
    }

    private static async Task<IResult> ShowAsync(HttpRequest request, SessionService sessions) =>
        await sessions.FindAsync(request) is { } session
            ? Results.Json(new SessionAnswer(null, session.UserId, session.Nickname), ChatJson.Default.SessionAnswer)
            : Problems.NoSession();

    private static async Task<IResult> EndAsync(HttpRequest request, SessionService sessions, CancellationToken cancellationToken)
    {
        if (await sessions.FindAsync(request) is null)
            return Problems.NoSession();
        await sessions.EndAsync(request.Headers.Authorization.ToString()[7..], cancellationToken);
        return Results.NoContent();
    }
}
