from fastapi import APIRouter
from api.routes import StrictRoute
router = APIRouter(route_class=StrictRoute, tags=["lots"])
