namespace ChatRooms;

/// <summary>POST /api/sessions opens a session, GET shows it, DELETE ends it.</summary>
internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/sessions", OpenAsync).RequireRateLimit(Policies.Session);
        routes.MapGet("/api/sessions/current", Show);
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

    private static IResult Show(HttpContext context) =>
        SessionIdentity.SessionOf(context) is { } session
            ? Results.Json(new SessionAnswer(null, session.UserId, session.Nickname), ChatJson.Default.SessionAnswer)
            : Problems.NoSession();

    private static async Task<IResult> EndAsync(HttpContext context, SessionService sessions, CancellationToken cancellationToken)
    {
        if (SessionIdentity.SessionOf(context) is null)
            return Problems.NoSession();
        await sessions.EndAsync(SessionIdentity.TokenOf(context.Request)!, cancellationToken);
        return Results.NoContent();
    }
}
