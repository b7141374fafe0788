using System.Security.Claims;

namespace ChatRooms;

/// <summary>Makes the session of the Authorization header the request's user: limits then count per person, without one per address.</summary>
internal static class SessionIdentity
{
    public static async Task AddAsync(HttpContext context, RequestDelegate next)
    {
        var sessions = context.RequestServices.GetRequiredService<SessionService>();
        if (await sessions.FindAsync(TokenOf(context.Request), context.RequestAborted) is { } session)
        {
            context.Features.Set(session);
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, session.UserId)], "session"));
        }
        await next(context);
    }

    public static Session? SessionOf(HttpContext context) => context.Features.Get<Session>();

    public static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.Ordinal) ? header[7..] : null;
    }
}
